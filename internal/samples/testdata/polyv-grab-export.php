<?php
  $userid="8205ac89d3";
  $secretkey = "kXmHMLeX6M";
  $ptime=time()*1000;
  $taskId="hHepZ2SjlE";
  $str = "ptime=$ptime&taskId=$taskId".$secretkey;
  $sign=strtoupper(sha1($str));
  $url="http://api.polyv.net/v2/video/grab/$userid/listVideos/export?ptime=$ptime&sign=$sign&taskId=$taskId";
  echo "<script>location.href='$url'</script>";
?>
