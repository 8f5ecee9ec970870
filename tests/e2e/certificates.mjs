// An authority of the tests' own, a server certificate from it, and a home directory that trusts it.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { runCommand, temporaryDirectory } from './daemon.mjs';

const succeed = async (...command) => {
  const { code, stderr } = await runCommand(...command);
  assert.equal(code, 0, stderr);
};

const request = (directory, name, subject, ...options) =>
  succeed(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-subj',
      subject,
      ...options,
    ],
    { cwd: directory },
  );

/** {home, authority, certificate, privateKey}: a browser with HOME=home trusts it for 127.0.0.1. */
export const makeTrustedCertificate = async (context) => {
  const directory = await temporaryDirectory(context);
  await request(
    directory,
    'authority',
    '/CN=turnixd tests',
    '-addext',
    'basicConstraints=critical,CA:TRUE',
    '-addext',
    'keyUsage=critical,keyCertSign',
  );
  await request(
    directory,
    'server',
    '/CN=localhost',
    '-CA',
    'authority.pem',
    '-CAkey',
    'authority.key',
    '-addext',
    'basicConstraints=critical,CA:FALSE',
    '-addext',
    'subjectAltName=IP:127.0.0.1,DNS:localhost',
  );
  const home = path.join(directory, 'home');
  const database = path.join(home, '.pki/nssdb');
  await mkdir(database, { recursive: true });
  await succeed('certutil', ['-d', `sql:${database}`, '-N', '--empty-password']);
  await succeed('certutil', [
    '-d',
    `sql:${database}`,
    '-A',
    '-t',
    'C,,',
    '-n',
    'turnixd tests',
    '-i',
    path.join(directory, 'authority.pem'),
  ]);
  return {
    home,
    authority: path.join(directory, 'authority.pem'),
    certificate: path.join(directory, 'server.pem'),
    privateKey: path.join(directory, 'server.key'),
  };
};
