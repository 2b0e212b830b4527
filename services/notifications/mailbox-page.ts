/** The mailbox as pages that a browser shows. Plain HTML: no script, no form, nothing from elsewhere. Pure. */
import type { Connection } from '../common/connection.ts';
import { escapeHtml } from '../common/html.ts';
import type { Mail } from './mail.ts';
import type { UnsentMail } from './unsent.ts';

/** @param unsent null: not for this reader's eyes. */
export function listPage(mails: Connection<Mail>, unsent: readonly UnsentMail[] | null): string {
  const { edges, pageInfo, totalCount } = mails;
  const rows = edges.map(
    ({ node }) =>
      `<tr><td>${time(node.createdAt)}</td><td>${escapeHtml(node.to)}</td><td>${node.kind}</td>` +
      `<td><a href="${linkTo({ id: node.id })}">${escapeHtml(node.subject)}</a></td></tr>`,
  );
  const older =
    pageInfo.hasNextPage && pageInfo.endCursor
      ? `<p><a href="${linkTo({ after: pageInfo.endCursor })}">Older</a></p>`
      : '';
  return page(
    'Mailbox',
    `<h1>Mailbox</h1>
<p>${totalCount} mails. None of them left this machine.</p>
${unsent && unsent.length > 0 ? unsentTable(unsent) : ''}
<table>
<tr><th>Sent</th><th>To</th><th>Kind</th><th>Subject</th></tr>
${rows.join('\n')}
</table>
${older}`,
  );
}

export function mailPage({ subject, to, createdAt, body, html }: Mail): string {
  return page(
    subject,
    `<p><a href="/mailbox">Mailbox</a></p>
<h1>${escapeHtml(subject)}</h1>
<p>To ${escapeHtml(to)}, ${time(createdAt)}</p>
${html === '' ? '' : `<article>\n${html}\n</article>`}
<h2>As plain text</h2>
<pre>${escapeHtml(body)}</pre>`,
  );
}

function unsentTable(unsent: readonly UnsentMail[]): string {
  const rows = unsent.map(
    ({ id, attempts, code, message, failedAt, deadLetter }) =>
      `<tr><td>${time(failedAt)}</td><td>${escapeHtml(id)}</td><td>${attempts}</td>` +
      `<td>${escapeHtml(`${code}: ${message}`)}</td><td>${fate(deadLetter)}</td></tr>`,
  );
  return `<h2>Not sent</h2>
<table>
<tr><th>Failed</th><th>Mail</th><th>Attempts</th><th>Why</th><th>What next</th></tr>
${rows.join('\n')}
</table>`;
}

const fate = (deadLetter: string | null): string =>
  deadLetter === null
    ? 'tried again'
    : `dead letter: <code>call deadLetters.replay --id ${escapeHtml(deadLetter)}</code>`;

const linkTo = (query: Readonly<Record<string, string>>): string =>
  escapeHtml(`/mailbox?${new URLSearchParams(query)}`);

const time = (at: number): string => {
  const iso = new Date(at).toISOString();
  return `<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')}</time>`;
};

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #ddd; vertical-align: top; }
article, pre { border: 1px solid #ddd; border-radius: 4px; padding: 1rem; white-space: pre-wrap; }
article { white-space: normal; }
</style>
</head>
<body>
${body}
</body>
</html>
`;
