// A small client of the Qulive AppServer: it logs in, logs in again when its token has run
// out, uploads and publishes a video and pages through lists. Node's own modules only. It
// knows nothing of the sandbox: base URL and credentials come from the environment.
//
//     sandbox exec -- node examples/javascript/qulive.mjs

/** A refusal of the server. */
export class QuliveError extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

export class Qulive {
  #token;

  constructor({ base, username, password, token = '' }) {
    Object.assign(this, { base, username, password });
    this.#token = token;
  }

  async login() {
    const { token } = await this.#send('GET', '/user/login', { username: this.username, password: this.password });
    this.#token = token;
  }

  /** Asks for an upload, uploads, and publishes; returns the video's id. */
  async publish(title, fileName, content) {
    const { videoId, uploadAddress, uploadAuth } = await this.#withToken('GET', '/vod/getVideoUploadAuth', { title, fileName });
    const { Bucket, FileName } = decode(uploadAddress);
    const { Expiration } = decode(uploadAuth);
    if (!Bucket || !FileName || Number(Expiration) <= 0) throw new Error('qulive: not an upload address');
    // Here the storage's own client uploads content to the address.
    if (content.length === 0) throw new Error('qulive: nothing to upload');
    await this.#withToken('POST', '/vod/videoPublish', { videoId, title, coverUrl: `https://cdn.example/${videoId}.jpg` });
    return videoId;
  }

  /** Walks through a list of videos, a page at a time. */
  async *videos(path, pageSize) {
    for (let pageIndex = 1, seen = 0; ; pageIndex++) {
      const { total, videoList } = await this.#withToken('GET', path, { pageIndex, pageSize });
      yield* videoList;
      seen += videoList.length;
      if (videoList.length < pageSize || seen >= total) return;
    }
  }

  async delete(videoId, userId) {
    await this.#withToken('POST', '/vod/deleteVideoById', { videoId, userId });
  }

  /** Sends with the token, and once more with a new one when it is not accepted. */
  async #withToken(method, path, params) {
    if (!this.#token) await this.login();
    try {
      return await this.#send(method, path, { ...params, token: this.#token });
    } catch (error) {
      if (!(error instanceof QuliveError && error.code === '403' && error.message === 'Please log in the system!')) throw error;
      await this.login();
      return this.#send(method, path, { ...params, token: this.#token });
    }
  }

  async #send(method, path, params) {
    const form = new URLSearchParams(params);
    const url = method === 'GET' ? `${this.base}${path}?${form}` : this.base + path;
    const response = await fetch(url, { method, body: method === 'GET' ? undefined : form, signal: AbortSignal.timeout(30_000) });
    const reply = await response.json();
    // A refusal by token has no result; one by ownership has result true and another code.
    if (response.status !== 200 || reply.result !== 'true' || reply.code !== '200') {
      throw new QuliveError(reply.message, reply.code ?? String(response.status));
    }
    return reply.data;
  }
}

function decode(text) {
  return JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
}

// Below is the test that uses it.

const { env } = process;
const account = { base: env.QULIVE_BASE_URL, username: env.QULIVE_USERNAME, password: env.QULIVE_PASSWORD };
// A token from last year: the first call finds out.
const qulive = new Qulive({ ...account, token: 'expired' });

const videoId = await qulive.publish('假日', 'holiday.mp4', Buffer.from('a film'));
console.log('published');

let owner;
let count = 0;
for await (const video of qulive.videos('/vod/getPersonalVideoList', 3)) {
  count++;
  if (video.videoId === videoId) {
    owner = video.user.userId;
    console.log(`in the list: ${video.title}, review ${video.censorStatus}`);
  }
}
console.log('videos of our own are more than one page:', count > 3);

let recommended = 0;
for await (const _ of qulive.videos('/vod/getRecommendVideoList', 10)) recommended++;
console.log('recommended:', recommended > 10);

await qulive.delete(videoId, owner);
console.log('deleted');

for (const [name, make] of Object.entries({
  'a wrong password': () => new Qulive({ ...account, password: 'wrong' }).login(),
  'an unknown user': () => new Qulive({ ...account, username: 'nobody' }).login(),
  'a file that is no video': () => qulive.publish('x', 'holiday.txt', 'x'),
  'a title that is too long': () => qulive.publish('题'.repeat(43), 'x.mp4', 'x'),
})) {
  try {
    await make();
    console.log(`${name}: accepted`);
  } catch (error) {
    if (!(error instanceof QuliveError)) throw error;
    console.log(`${name}: ${error.code} ${error.message}`);
  }
}
