<?php
  $userid="8205ac89d3";
  $secretkey = "kXmHMLeX6M";
  $ptime=time()*1000;
  $page=1;
  $str= "page=$page&ptime=$ptime".$secretkey;
  $sign=strtoupper(sha1($str));
  $url="http://api.polyv.net/v2/video/grab/$userid/list?ptime=$ptime&sign=$sign&page=$page";
  $ch = curl_init();
  curl_setopt($ch, CURLOPT_URL, $url);
  curl_setopt($ch, CURLOPT_RETURNTRANSFER, 1);
  curl_setopt($ch, CURLOPT_POST, 1);
  curl_setopt ($ch, CURLOPT_CUSTOMREQUEST, "GET");
  $output = curl_exec($ch);
  curl_close($ch);
  print_r($output);
?>
