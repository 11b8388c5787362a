<?php
header("Content-type: text/html; charset=utf-8");
$userid="3828390191";
$title="test";
$timeFrame="[{\"end\":12,\"start\":5},{\"end\":35,\"start\":20},{\"end\":82,\"start\":71},{\"end\":195,\"start\":111},{\"end\":236,\"start\":215}]";
$ptime=time()*1000;//13位
$vid="382839019131be68715e9455f8d0971a_3";
$secretkey="tIQp4ATe9Z";
$str="ptime=".$ptime."&timeFrame=".$timeFrame."&title=".$title."&vid=".$vid.$secretkey;
//echo $str.'';
$hash=strtoupper(sha1($str));
//echo $hash.'';
$url="http://api.polyv.net/v2/video/{$userid}/clip";
$post_data = array (
    "timeFrame" => $timeFrame,
    "title" => $title,
    "ptime" => $ptime,
    "vid" => $vid,
    "sign" => $hash,
);
$ch = curl_init();
curl_setopt($ch, CURLOPT_URL, $url);
curl_setopt($ch, CURLOPT_RETURNTRANSFER, 1);
// post数据
curl_setopt($ch, CURLOPT_POST, 1);
// post的变量
curl_setopt($ch, CURLOPT_POSTFIELDS, $post_data);
$output = curl_exec($ch);
curl_close($ch);
//打印获得的数据
print_r($output);
?>
