// Two pages of a real browser that call each other through the relay and through nothing else.
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { chromium } from 'playwright-core';
import { onEnd } from './daemon.mjs';

const STEP_MS = 20_000;
const PAGE = await readFile(new URL('call_page.html', import.meta.url));

const servePage = async (context) => {
  const server = http.createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end(PAGE),
  );
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  onEnd(context, () => server.close());
  return `http://127.0.0.1:${server.address().port}/`;
};

/** Starts the browser with a home directory of the tests' own and opens an address in two tabs. */
export const openTwoTabs = async (context, { url, home, args = [], stepMs = STEP_MS }) => {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args,
    env: { ...process.env, HOME: home },
  });
  onEnd(context, () => browser.close());
  const browserContext = await browser.newContext();
  browserContext.setDefaultTimeout(stepMs);
  return Promise.all(
    [0, 1].map(async () => {
      const page = await browserContext.newPage();
      await page.goto(url);
      return page;
    }),
  );
};

/** Two pages that can call each other: [caller, callee]. */
export const openTwoPages = async (context, home) =>
  openTwoTabs(context, { url: await servePage(context), home });

/** Makes the call: offer, answer, and the data channel open on both sides. */
export const call = async ([caller, callee], iceServers) => {
  const offer = await caller.evaluate((servers) => offer(servers), iceServers);
  const answer = await callee.evaluate(
    ([servers, description]) => answer(servers, description),
    [iceServers, offer],
  );
  await caller.evaluate((description) => accept(description), answer);
  await Promise.all([caller, callee].map((page) => page.waitForFunction('isOpen()')));
};

/** Sends numbered messages from the first page to the second: {count, inOrder} as they arrived. */
export const sendNumbers = async ([caller, callee], count) => {
  await caller.evaluate((howMany) => sendNumbers(howMany), count);
  await callee.waitForFunction((howMany) => arrived().count >= howMany, count);
  return callee.evaluate('arrived()');
};

/** What getStats of a page says once video is on its screen. */
export const figuresWithVideo = async (page) => {
  await page.waitForFunction('figures().then((now) => now.framesDecoded > 5)');
  return page.evaluate('figures()');
};
