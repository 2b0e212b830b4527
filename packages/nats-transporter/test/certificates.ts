/** A certificate authority and a server certificate, made by openssl in a folder of their own. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certificates extends AsyncDisposable {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** @param names subject alternative names, `DNS:localhost` or `IP:127.0.0.1`. */
export async function makeCertificates(...names: string[]): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'certificates-'));
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => run('openssl', args);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await writeFile(file('san'), `subjectAltName=${names.join(',')}\nextendedKeyUsage=serverAuth,clientAuth\n`);
  await openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca'),
    '-subj',
    '/CN=test ca',
    '-days',
    '2',
  );
  await openssl('req', ...key, '-keyout', file('key'), '-out', file('request'), '-subj', '/CN=test server');
  await openssl(
    ...[
      'x509',
      '-req',
      '-in',
      file('request'),
      '-CA',
      file('ca'),
      '-CAkey',
      file('ca.key'),
      '-CAcreateserial',
    ],
    ...['-out', file('cert'), '-days', '2', '-extfile', file('san')],
  );
  return {
    caFile: file('ca'),
    certFile: file('cert'),
    keyFile: file('key'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
