/** Static files of the query pages: read from installed packages when first asked for, compressed once, kept. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { send } from './respond.ts';

const compress = promisify(gzip);

export interface Asset {
  readonly type: string;
  load(): Promise<string | Buffer>;
}

interface Ready {
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
}

/** Sends the asset named by the request's path. `assets` is the whole list of what exists: no path reaches the disk. */
export type ServeAsset = (req: IncomingMessage, res: ServerResponse, asset: Asset) => Promise<void>;

export function createAssetServer(): ServeAsset {
  const ready = new Map<Asset, Promise<Ready>>();
  const prepare = async (asset: Asset): Promise<Ready> => {
    const plain = Buffer.from(await asset.load());
    const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
    return { plain, gzipped: await compress(plain), etag };
  };
  return async (req, res, asset) => {
    let entry = ready.get(asset);
    if (!entry) {
      entry = prepare(asset);
      ready.set(asset, entry);
      // A package missing now may be installed later; a failure must not be remembered.
      entry.catch(() => ready.delete(asset));
    }
    const { plain, gzipped, etag } = await entry;
    const headers = { etag, 'cache-control': 'no-cache', vary: 'Accept-Encoding' };
    if (req.headers['if-none-match'] === etag) send(res, 304, asset.type, '', headers);
    else if (/\bgzip\b/.test(req.headers['accept-encoding'] ?? ''))
      send(res, 200, asset.type, gzipped, { ...headers, 'content-encoding': 'gzip' });
    else send(res, 200, asset.type, plain, headers);
  };
}
