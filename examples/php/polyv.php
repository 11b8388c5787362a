<?php
/**
 * A small client of Polyv's video platform: it signs, clips a video, tells the documented
 * errors apart and pages through all danmu. It knows nothing of the sandbox: base URL and
 * credentials come from the environment, as they would in production.
 *
 *     sandbox exec -- php examples/php/polyv.php
 */
declare(strict_types=1);

/** A refusal of the vendor: code and message are those of its error tables. */
final class PolyvException extends RuntimeException
{
}

final class Polyv
{
    public function __construct(
        private readonly string $base,
        private readonly string $userid,
        private readonly string $secret,
    ) {
    }

    /** Makes a video of stretches of another one and returns its vid. */
    public function clip(string $vid, string $title, array $timeFrame): string
    {
        return $this->call('POST', "/v2/video/{$this->userid}/clip", [
            'vid' => $vid,
            'title' => $title,
            'timeFrame' => json_encode($timeFrame),
        ]);
    }

    /** Walks through all danmu, the newest first, a page at a time. */
    public function danmu(int $pageSize): Generator
    {
        for ($page = 1; ; $page = $data['nextPageNumber']) {
            $data = $this->call('GET', "/v2/danmu/{$this->userid}", ['pageNum' => $page, 'numPerPage' => $pageSize]);
            yield from $data['contents'];
            if ($data['lastPage'] || $data['totalPages'] === 0) {
                return;
            }
        }
    }

    /** Upper-case SHA-1 of the non-empty parameters by name, and the secret. */
    private function sign(array $params): string
    {
        $params = array_filter($params, fn ($value) => (string) $value !== '');
        ksort($params, SORT_STRING);
        $pairs = array_map(fn ($name, $value) => "$name=$value", array_keys($params), $params);
        return strtoupper(sha1(implode('&', $pairs) . $this->secret));
    }

    private function call(string $method, string $path, array $params): mixed
    {
        $params['ptime'] = (int) (microtime(true) * 1000);
        $params['sign'] = $this->sign($params);
        $url = $this->base . $path;
        $curl = curl_init();
        if ($method === 'POST') {
            curl_setopt($curl, CURLOPT_POSTFIELDS, http_build_query($params));
        } else {
            $url .= '?' . http_build_query($params);
        }
        curl_setopt_array($curl, [CURLOPT_URL => $url, CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT => 30]);
        $body = curl_exec($curl);
        if ($body === false) {
            throw new RuntimeException("$path: " . curl_error($curl));
        }
        $reply = json_decode($body, true);
        if (!is_array($reply) || !isset($reply['code'])) {
            throw new RuntimeException("$path: not the reply that is documented: " . substr($body, 0, 100));
        }
        if ($reply['code'] !== 200) { // the HTTP status is 200 all the same
            throw new PolyvException($reply['message'], $reply['code']);
        }
        return $reply['data'];
    }
}

$polyv = new Polyv(getenv('POLYV_BASE_URL'), getenv('POLYV_USERID'), getenv('POLYV_SECRETKEY'));

// All danmu; the first one's video is the one that we clip.
$count = 0;
$vid = null;
foreach ($polyv->danmu(40) as $danmu) {
    $count++;
    $vid ??= $danmu['vid'];
}
echo "danmu: $count\n";

$own = $polyv->clip($vid, '精彩片段', [['start' => 1, 'end' => 9], ['start' => 20, 'end' => 30]]);
echo 'clipped into a video of our own: ', str_starts_with($own, getenv('POLYV_USERID')) ? 'yes' : 'no', "\n";

// The documented errors, told apart by their code: some share a text.
$clip = fn (array $timeFrame, ?string $of = null) => fn () => $polyv->clip($of ?? $vid, 'x', $timeFrame);
$stretch = ['start' => 1, 'end' => 9];
$stranger = new Polyv(getenv('POLYV_BASE_URL'), getenv('POLYV_USERID'), 'wrong');
$mistakes = [
    'no vid' => $clip([$stretch], ''),
    'no such video' => $clip([$stretch], 'nowhere'),
    'no stretch' => $clip([]),
    'six stretches' => $clip(array_fill(0, 6, $stretch)),
    'backwards' => $clip([['start' => 9, 'end' => 1]]),
    'too short' => $clip([['start' => 1, 'end' => 2]]),
    'beyond the end' => $clip([['start' => 1, 'end' => 864000]]),
    'another secret' => fn () => $stranger->clip($vid, 'x', [$stretch]),
];
foreach ($mistakes as $name => $make) {
    try {
        $make();
        echo "$name: accepted\n";
    } catch (PolyvException $e) {
        echo "$name: {$e->getCode()} {$e->getMessage()}\n";
    }
}
