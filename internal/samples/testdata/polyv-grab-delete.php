<?php
  $userid="8205ac89d3";
  $secretkey = "kXmHMLeX6M";
  $ptime=time()*1000;
  $taskId="o0IdvYDm4S";
  $str="ptime=$ptime&taskId=$taskId".$secretkey;
  $sign=strtoupper(sha1($str));
  $url="http://api.polyv.net/v2/video/grab/$userid/delete?ptime=$ptime&sign=$sign&taskId=$taskId";
  $ch = curl_init();
  curl_setopt($ch, CURLOPT_URL, $url);
  curl_setopt($ch, CURLOPT_RETURNTRANSFER, 1);
  curl_setopt($ch, CURLOPT_POST, 1);
  curl_setopt ($ch, CURLOPT_CUSTOMREQUEST, "POST");
  $output = curl_exec($ch);
  curl_close($ch);
  print_r($output);
?>
