<?php
$userid="2d939377c2";
$vids="2d939377c23a37d2b0a2428006755627_2,2d939377c23ebcfe8b4ff3dadcabfbbf_2";
$ptime=time()*1000;
$secretkey="3OmoLbTlHu";
$str="ptime=$ptime&vids=$vids".$secretkey;
$sign=strtoupper(sha1($str));
$url="http://api.polyv.net/v2/video/$userid/cata-info?ptime=$ptime&sign=$sign&vids=$vids";
$content = file_get_contents($url);
echo $content;
?>
