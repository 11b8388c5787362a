<?php
$id = '176050'; $q = 'BalanceCurrent'; $ext = ''; $api_code = '8zn2eBj90M0F';
$string_to_hash=$id.$q.$ext.$api_code;
$md5=md5($string_to_hash);
echo file_get_contents("https://cliparto.com/apiq/?id=$id&q=$q&md5=$md5");
