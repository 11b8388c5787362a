// A small client of Cliparto's API Query: it signs, keeps the vendor's pace, reads lists and
// tells errors apart. Node's own modules only.
//
//     sandbox exec -- node examples/javascript/cliparto.mjs

import { createHash } from 'node:crypto';

/** A refusal of the vendor: one line that begins with ERROR. */
export class ClipartoError extends Error {}

export class Cliparto {
  #last = -Infinity;

  /**
   * now and sleep are the client's clock, in milliseconds: a test passes one that does not
   * wait.
   */
  constructor({ base, id, code, now = Date.now, sleep = (ms) => new Promise((done) => setTimeout(done, ms)) }) {
    Object.assign(this, { base, id, code, now, sleep });
  }

  /** A single value, such as BalanceCurrent. */
  async value(q, ext = '') {
    return (await this.#call(q, ext)).trimEnd();
  }

  /** The latest sales, the newest first; at most 100. */
  async downloads(count = 10) {
    const fields = ['date', 'image', 'license', 'size', 'earning', 'country', 'search'];
    return records(await this.#call('DownloadsList', String(count)), fields);
  }

  /** The releases on file; type 1 is a model's, 2 a property's. */
  async releases() {
    return records(await this.#call('ReleasesList'), ['id', 'type', 'name']);
  }

  async #call(q, ext = '') {
    // At most one request in 20 seconds: the vendor blocks who asks more often.
    const wait = this.#last + 20_000 - this.now();
    if (wait > 0) await this.sleep(wait);
    const md5 = createHash('md5').update(this.id + q + ext + this.code, 'utf8').digest('hex');
    const query = new URLSearchParams({ id: this.id, q, ...(ext && { ext }), md5 });
    let response, text;
    try {
      response = await fetch(`${this.base}/apiq/?${query}`, { signal: AbortSignal.timeout(30_000) });
      text = await response.text();
    } finally {
      // Not before: the 20 seconds begin when the vendor sees the request, not when it is sent.
      this.#last = this.now();
    }
    if (text.startsWith('ERROR: ')) throw new ClipartoError(text.slice('ERROR: '.length));
    if (!response.ok) throw new Error(`cliparto: HTTP ${response.status}`);
    return text;
  }
}

function records(text, names) {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => Object.fromEntries(line.split(';').map((field, i) => [names[i], field])));
}

// Below is the test that uses it: it moves the sandbox's clock instead of waiting.

const { env } = process;
let ahead = 0;

async function advance(ms) {
  ahead += ms;
  const response = await fetch(`${env.SANDBOX_URL}/__admin/clock/advance?tenant=${env.SANDBOX_TENANT}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ by: `${ms}ms` }),
  });
  if (!response.ok) throw new Error(await response.text());
}

const clock = { now: () => Date.now() + ahead, sleep: advance };
const options = { base: env.CLIPARTO_BASE_URL, id: env.CLIPARTO_ID, code: env.CLIPARTO_API_CODE, ...clock };
const cliparto = new Cliparto(options);

console.log('balance is money:', /^\d+\.\d\d$/.test(await cliparto.value('BalanceCurrent')));
const total = Number(await cliparto.value('DownloadsTotal'));
const sales = await cliparto.downloads(25);
console.log('sales on the page:', sales.length, 'of no more than all:', sales.length <= total);
console.log('newest first:', sales.every((s, i) => i === 0 || s.date <= sales[i - 1].date));
console.log('releases:', (await cliparto.releases()).length > 0);
const [status] = (await cliparto.value('ImageData', sales[0].image)).split(';');
console.log('the image that sold last is', status);
console.log('waited without waiting:', ahead >= 60_000 ? 'yes' : 'no');

for (const [name, make] of Object.entries({
  'the same query within an hour': () => cliparto.value('BalanceCurrent'),
  'too many lines': () => cliparto.downloads(101),
  'an image that does not exist': () => cliparto.value('ImageData', '1'),
  'another client at the same time': () => new Cliparto(options).value('ImagesTotal'),
  'no such query': () => cliparto.value('Balance'),
  'a wrong code': () => new Cliparto({ ...options, code: 'wrong' }).value('ImagesTotal'),
})) {
  try {
    console.log(`${name}: ${await make()}`);
  } catch (error) {
    if (!(error instanceof ClipartoError)) throw error;
    console.log(`${name}: ${error.message}`);
  }
}
