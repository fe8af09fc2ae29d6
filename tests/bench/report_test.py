"""The report has what was measured, and says what was not."""
import json
import os
import tempfile
import unittest

import report


def run(load='WS 8x64 lean', part='main', **more):
    return dict(dict(part=part, load=load, server='goloca', of='goloca', via='websocket', connections=8, rate=100.0,
                     round=0, copy=200.0, points=100, looked_up=100, lost=0, failed=0, unanswered=0, foreign=0.1,
                     peak_mib=20, latency=dict(p50=1.0, p99=2.0), cpu=dict(client=1e-4, server=2e-4, database=3e-4)),
                **more)


def session(*runs, faults=(), skipped=()):
    return dict(about=[('date', 'today')], skipped=list(skipped), faults=list(faults), runs=list(runs))


class Report(unittest.TestCase):
    def written(self, sessions):
        with tempfile.TemporaryDirectory() as folder:
            report.write(folder, sessions, with_plots=False)
            texts = []
            for name in ('report.md', 'report.html', 'result.json'):
                with open(os.path.join(folder, name)) as file:
                    texts.append(file.read())
            return texts

    def test_has_each_load_and_every_raw_run(self):
        markdown, page, result = self.written([session(run(), run(rate=300.0))])
        self.assertIn('| WS 8x64 lean | goloca | 200 | 100–300 | 1.00 |', markdown)
        self.assertIn('<td>WS 8x64 lean</td><td>goloca</td><td>200</td>', page)
        self.assertIn('every one of 200 acked ids', markdown)
        self.assertEqual(len(json.loads(result)['sessions'][0]['runs']), 2)

    def test_says_loudly_what_failed_and_what_was_left_out(self):
        markdown, page, _ = self.written([session(run(), faults=['3 ids are missing'], skipped=['no wrk <here>'])])
        self.assertIn('**FAILED:**\n\n- 3 ids are missing', markdown)
        self.assertIn('- **SKIPPED**: no wrk <here>', markdown)
        self.assertIn('<b>SKIPPED</b>: no wrk &lt;here&gt;', page)

    def test_trusts_no_verdict_of_few_rounds_or_of_a_busy_machine(self):
        self.assertIn('only 1 of at least 5 rounds', self.written([session(run())])[0])
        self.assertNotIn('No verdict', self.written([session(*(run(round=n) for n in range(5)))])[0])
        busy = self.written([session(*(run(round=n, foreign=0.9 if n < 2 else 0) for n in range(5)))])[0]
        self.assertIn('in 2 of 5 runs others used more than 0.3 cores', busy)
        self.assertIn('No verdict', busy)

    def test_has_a_section_for_each_sweep_that_was_measured(self):
        markdown = self.written([session(run('WS lean', 'batch', x=10), run('WS lean', 'batch', x=2))])[0]
        self.assertIn('## Batch size', markdown)
        self.assertLess(markdown.index('| WS lean | 2 |'), markdown.index('| WS lean | 10 |'))
        self.assertNotIn('## Slow disk', markdown)

    def test_keeps_of_an_older_report_what_was_not_measured_again(self):
        old = [session(run('a'), run('b')), session(run('b'))]
        merged = report.merged(old, session(run('b', rate=7.0)))
        self.assertEqual([[one['load'] for one in each['runs']] for each in merged], [['a'], ['b']])
        self.assertEqual(merged[1]['runs'][0]['rate'], 7.0)


if __name__ == '__main__':
    unittest.main()
