import { expect, test } from 'vitest';
import { plantStore } from '../../test/planted-store.ts';
import { plantTraffic } from '../../test/planted-traffic.ts';
import { writeReport } from './write-report.ts';

test('w', async () => {
  const s = await plantStore(plantTraffic(7));
  const { path, sections } = await writeReport({
    folder: '/tmp/probe1/report',
    query: s.query,
    scope: { service: 'whatsapp', timezone: 'UTC' },
  });
  for (const { cards } of sections) for (const c of cards) console.log(c.id, '|', c.finding, '|', c.hint ?? '');
  expect(path).toContain('index');
  await s.close();
});
