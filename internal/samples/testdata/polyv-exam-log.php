<?php
$userid="efbb4ae8ac";
$vids="8205ac89d31c8c74e462548a2edd7dff_8";//查询月份,格式为yyyyMM
$ptime = time()*1000;
$pageNum=1;
$start="2012-02-01";
$end="2013-03-01";
$secrectKey = "hbjCVBhnth";
$sign=strtoupper(sha1("end=$end&pageNum=$pageNum&ptime=$ptime&start=$start&vids=$vids".$secrectKey));
$url="http://api.polyv.net/v2/video/$userid/video-exam-log?end=$end&ptime=$ptime&sign=$sign&pageNum=$pageNum&start=$start&vids=$vids";
$ch=curl_init();
curl_setopt($ch, CURLOPT_URL, $url);
curl_setopt($ch, CURLOPT_RETURNTRANSFER, 1);
curl_setopt($ch, CURLOPT_HEADER, 0);
$output = curl_exec($ch);
curl_close($ch);
print_r($output);
?>
