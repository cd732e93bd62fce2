/**
 * When the certificates in some folders end, whoever uses them: what a probe from outside cannot see, such as those of
 * clients, of internal CAs, and those that were renewed but not loaded.
 *
 *     plugins: [./certificates.js]
 *     collectors:
 *       certificates: { folders: [/etc/ssl/private, /etc/nginx/tls] }
 *
 * Days left, in a query: (certificate_not_after_timestamp_seconds - time()) / 86400
 * What this example shows: files of the host through `system`, so that the roots of the configuration hold (`path.rootfs`);
 * a moment rather than a count of days, since a moment is still true when the sample is an hour old; and one bad file
 * that does not cost all the others.
 */
import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { counter, defineCollector, gauge, z } from 'vitald';

const labels = ['file', 'subject'];
const notAfter = gauge('certificate_not_after_timestamp_seconds', 'When the certificate ends.', labels);
const notBefore = gauge('certificate_not_before_timestamp_seconds', 'When the certificate begins.', labels);
const unreadable = gauge('certificate_unreadable_files', 'Files in the folders that cannot be read as certificates.');
const looked = counter('certificate_scans_total', 'Times that the folders were looked through.');

export const certificates = defineCollector({
  name: 'certificates',
  summary: 'When certificates in folders end.',
  source: 'folders of PEM files',
  enabled: true,
  // Certificates seldom change: once an hour is often enough, and stale_after (three periods) follows from it.
  schedule: '1h',
  timeout: '10s',
  families: [notAfter, notBefore, unreadable, looked],
  config: z.strictObject({
    folders: z.array(z.string()).default(['/etc/ssl/private']).describe('Where certificates are.'),
    extensions: z.array(z.string()).default(['.pem', '.crt', '.cer']).describe('How the names of their files end.'),
  }),
  create({ folders, extensions }, { system, log }) {
    let scans = 0;
    return {
      async collect(signal) {
        const samples = [];
        let bad = 0;
        for (const folder of folders) {
          // system.rootfs.path gives the place below the root that the configuration names, such as /host in a container.
          for (const name of await namesIn(system.rootfs.path(folder))) {
            if (!extensions.includes(extname(name))) continue;
            const file = join(folder, name);
            try {
              const pem = await readFile(system.rootfs.path(file), { encoding: 'utf8', signal });
              for (const { subject, from, to } of readCertificates(pem)) {
                samples.push(notAfter.sample(to, { file, subject }), notBefore.sample(from, { file, subject }));
              }
            } catch (error) {
              signal.throwIfAborted();
              // The text of an error belongs into the log, never into a label.
              log.debug({ file, reason: error.message }, 'not a certificate that can be read');
              bad += 1;
            }
          }
        }
        scans += 1;
        return [...samples, unreadable.sample(bad), looked.sample(scans)];
      },
    };
  },
});

/** The names in a folder; none where it is not there, as on a host without a web server. */
async function namesIn(folder) {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM file, the first of each subject; throws where there is none. */
export function readCertificates(pem) {
  const found = new Map();
  for (const [text] of pem.matchAll(block)) {
    const certificate = new X509Certificate(text);
    const subject = certificate.subject.replaceAll('\n', ', ');
    // Two series must not have the same labels, or none of this run would be served.
    if (found.has(subject)) continue;
    found.set(subject, {
      subject,
      from: Date.parse(certificate.validFrom) / 1000,
      to: Date.parse(certificate.validTo) / 1000,
    });
  }
  if (found.size === 0) throw new Error('there is no certificate in it');
  return [...found.values()];
}
