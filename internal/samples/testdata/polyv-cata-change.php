<?php
header("Content-type: text/html; charset=utf-8");
$userid="XXXXXXXX"; //用户id
$ptime= time()*1000;  //获取当前时间戳
$secretkey = "XXXXXXXX"; //用户对应的secretkey
$cataid = "XXXXXXXXX"; //分类id
$destCataid = "XXXXXXXXX"; //移动到的分类id
$str="cataid=".$cataid."&ptime=".$ptime."&userid=".$userid.$secretkey;
$sign = strtoupper(sha1($str));
$url="http://api.polyv.net/v2/cata/$userid/change?destCataid=$destCataid&cataid=$cataid&sign=$sign&ptime=$ptime";
$ch = curl_init() or die ( curl_error() );
curl_setopt( $ch, CURLOPT_URL, $url);
curl_setopt ($ch, CURLOPT_CUSTOMREQUEST, "GET");
curl_setopt( $ch, CURLOPT_RETURNTRANSFER, 1 );
curl_setopt( $ch, CURLOPT_CONNECTTIMEOUT, 360);
$response = curl_exec ( $ch );
curl_close ( $ch );
echo $response;
?>
