<?php
$url = 'https://www.qqtube.com/v1-api';
$data = array(
	/* Required */
	'api_key' => "172a1c261d1d84916d9e7321153d0416acab98fc",
	'action' => 'submissions',

);
$url .= '?' . http_build_query($data);

$ch = curl_init();
curl_setopt($ch, CURLOPT_URL, $url);
curl_setopt($ch, CURLOPT_RETURNTRANSFER, 1);
curl_setopt($ch, CURLOPT_VERBOSE, false);
curl_setopt($ch, CURLOPT_TIMEOUT, 30); // Incase things are slow allow enough time to try.
curl_setopt($ch, CURLOPT_CONNECTTIMEOUT, 30);
curl_setopt($ch, CURLOPT_SSL_VERIFYPEER, false); // Can cause unexpected/no return
curl_setopt($ch, CURLOPT_SSL_VERIFYHOST, false);// Can cause unexpected/no return
$result = curl_exec($ch);
$info = curl_getinfo($ch);
$decoded = json_decode($info);
