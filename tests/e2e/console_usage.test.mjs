// What was used, in the console: by day, by room, and as a file.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startCall } from './calls.mjs';
import { signedIn } from './console.mjs';
import { startDaemon } from './daemon.mjs';

const HEAD = 'room,sessions,uplink_packets,uplink_bytes,downlink_packets,downlink_bytes';

test('usage: by day, by room, and as a file whose figures are exact', async (context) => {
  const daemon = await startDaemon(context);
  for (const room of ['counted', 'standup']) {
    const { ends } = await startCall(context, daemon, 'udp', { room });
    await pause(300);
    for (const end of ends) await end.refresh(0);
  }
  const usageOf = async (room) => {
    const { body } = await daemon.ask('GET', '/api/v1/usage?group_by=room');
    return body.items.find((row) => row.room === room && row.traffic.uplink_bytes > 0);
  };
  await daemon.until(() => usageOf('standup'));
  const console = await signedIn(context, daemon);
  const { page } = console;
  await console.visit('/usage');
  await page.getByRole('img', { name: /to clients in 30 days/ }).waitFor();
  await console.look('usage');
  await page.getByRole('combobox', { name: /^By/ }).selectOption('room');
  await page.getByLabel('Time').selectOption('last 7 days');
  await page.getByRole('img', { name: /in 7 days/ }).waitFor();
  await page.getByRole('row', { name: /counted/ }).getByRole('link').waitFor();

  const downloaded = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  const file = await downloaded;
  assert.match(file.suggestedFilename(), /^usage-by-room-\d{4}-\d\d-\d\d\.csv$/);
  const [head, ...lines] = (await readFile(await file.path(), 'utf8')).trimEnd().split('\r\n');
  assert.equal(head, HEAD);
  const { sessions, traffic } = await usageOf('counted');
  assert.equal(sessions, 2);
  assert.ok(lines.includes(['counted', sessions, ...Object.values(traffic)].join(',')), lines.join('\n'));

  await page.getByRole('row', { name: /counted/ }).getByRole('link').click();
  await console.heading('counted').waitFor();
});
