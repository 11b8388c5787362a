<?php
header("Content-type: text/html; charset=utf-8");
$userid="3828390191";
//$jsonp="a";
$ptime=time()*1000;//13位
$vid="3828390191de2b3fd3467c36187aac08_3";
$secretkey="tIQp4ATe9Z";
if(empty($jsonp)){
    $str="ptime=".$ptime."&vid=".$vid.$secretkey;
}else{
    $str="jsonp=".$jsonp."&ptime=".$ptime."&vid=".$vid.$secretkey;
}
echo $str.'';
$hash=strtoupper(sha1($str));
echo $hash.'';
$url="http://api.polyv.net/v2/video/{$userid}/authplay-status?vid={$vid}&ptime={$ptime}&sign={$hash}";
$ch = curl_init();
curl_setopt($ch, CURLOPT_URL, $url);
curl_setopt($ch, CURLOPT_RETURNTRANSFER, 1);
$output = curl_exec($ch);
curl_close($ch);
//打印获得的数据
print_r($output);
?>
