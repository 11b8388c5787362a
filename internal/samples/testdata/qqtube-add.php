<?php
$url = 'https://www.youtube.com/watch?v=jofNR_WkoCE';
$quantity = '2000';
$id_service = '5';

$ch = curl_init();
curl_setopt($ch, CURLOPT_URL, "https://www.qqtube.com/v1-api");
curl_setopt($ch, CURLOPT_RETURNTRANSFER, 1);
curl_setopt($ch, CURLOPT_VERBOSE, false);
curl_setopt($ch, CURLOPT_TIMEOUT, 30); // Incase things are slow allow enough time to try.
curl_setopt($ch, CURLOPT_CONNECTTIMEOUT, 30);
curl_setopt($ch, CURLOPT_SSL_VERIFYPEER, false); // Can cause unexpected/no return
curl_setopt($ch, CURLOPT_SSL_VERIFYHOST, false);// Can cause unexpected/no return

$data = array(
	/* Required */
	'api_key' => " 172a1c261d1d84916d9e7321153d0416acab98fc",
	'action' => 'add',
	'url' => $url,
	'quantity' => $quantity,
	'id_service' => $id_service,

	// Country (required when service is geo targeted)
	'geo-countries' => 'US', // ISO Code

);

curl_setopt($ch, CURLOPT_POST, true);
curl_setopt($ch, CURLOPT_POSTFIELDS, $data);

$result = json_decode(curl_exec($ch));
