<?php
header("Content-type: text/html; charset=utf-8");
$userid="用户id";
$ptime=time()*1000;//13位
$secretkey="填写secretkey";
$danmuIds="9999,333333,444";
$str="danmuIds=".$danmuIds"&ptime=".$ptime.$secretkey;
$hash=strtoupper(sha1($str));
$url="https://api.polyv.net/v2/danmu/$userid/delete?ptime=$ptime&sign=$hash";
$ch = curl_init();
curl_setopt($ch, CURLOPT_URL, $url);
curl_setopt($ch, CURLOPT_RETURNTRANSFER, 1);
$output = curl_exec($ch);
curl_close($ch);
//打印获得的数据
print_r($output);
?>
