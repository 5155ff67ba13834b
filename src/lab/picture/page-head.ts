/** How every page of the laboratory begins: one file that works from disk without a network. */

import { PAGE_STYLE } from './page-style.ts';
import { escapeText } from './svg.ts';

interface PageHead {
  readonly title: string;
  readonly quote: string;
  readonly question: string;
  /** Whether the page has a script of its own; nothing else is ever loaded. */
  readonly hasScript: boolean;
}

/** Up to and with the beginning of `main`. */
export function printHead({ title, quote, question, hasScript }: PageHead): string {
  const scripts = hasScript ? " script-src 'unsafe-inline';" : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline';${scripts} img-src data:">
<title>${escapeText(title)}</title>
<link rel="icon" href="data:,">
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>${escapeText(title)}</h1>
<blockquote>${escapeText(quote)}</blockquote>
<p class="question">${escapeText(question)}</p>
</header>
<main>`;
}
