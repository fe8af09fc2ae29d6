"""What the load clients print is read right."""
import json
import unittest

import outputs

WRK = """Running 4s test @ http://127.0.0.1:26080
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.72ms    1.03ms  17.30ms   85.56%
    Req/Sec    23.69k     1.49k   26.17k    72.50%
  Latency Distribution
     50%    2.53ms
     75%  790.00us
     90%    3.77ms
     99%    1.20s
  94435 requests in 4.01s, 22.87MB read
  Socket errors: connect 1, read 2, write 0, timeout 3
  Non-2xx or 3xx responses: 35
Requests/sec:  23564.12
Transfer/sec:      5.71MB
"""


class Outputs(unittest.TestCase):
    def test_reads_wrk_and_counts_as_acked_only_what_was_answered_well(self):
        read = outputs.read_wrk(WRK)
        self.assertEqual((read['acked'], read['failed'], read['unanswered']), (94400, 35, 6))
        self.assertAlmostEqual(read['rate'], 23564.12 * 94400 / 94435)
        self.assertEqual(read['latency'], dict(p50=2.53, p90=3.77, p99=1200))

    def test_reads_wrk_without_errors(self):
        well = '\n'.join(line for line in WRK.split('\n') if 'errors' not in line and 'Non' not in line)
        read = outputs.read_wrk(well)
        self.assertEqual((read['acked'], read['failed'], read['unanswered']), (94435, 0, 0))

    def test_reads_wsload(self):
        read = outputs.read_wsload('acked 180420 failed 2 rate 45105/s p50 8.17 ms p99 24.35 ms max 41.02 ms\n')
        self.assertEqual((read['acked'], read['failed'], read['rate']), (180420, 2, 45105))
        self.assertEqual(read['latency'], dict(p50=8.17, p99=24.35, max=41.02))

    def test_reads_the_lean_client_and_counts_what_it_acked_while_warming_up_as_points(self):
        said = dict(sent=110, acked=90, duplicates=10, failed=6, unanswered=4, rate=45.0, seconds=2.0,
                    latency_ms={'p50': 1.0, 'p99': 2.0, 'p99.9': 3.0}, warmup=dict(acked=7),
                    histogram_ms=[[1.0, 60], [2.0, 40]])
        read = outputs.read_lean(json.dumps(said))
        self.assertEqual((read['acked'], read['points'], read['duplicates'], read['rate']), (90, 97, 10, 45.0))
        self.assertEqual(read['latency'], dict(p50=1.0, p99=2.0, p99_9=3.0))
        self.assertEqual(read['histogram'], [[1.0, 60], [2.0, 40]])

    def test_reads_goloca_send(self):
        read = outputs.read_send('1,000 sent: 990 stored, 10 duplicates, 0 refused in 0.0 s (41,000/s)\n')
        self.assertEqual((read['acked'], read['duplicates'], read['failed'], read['rate']), (990, 10, 0, 41000))

    def test_refuses_what_no_client_says(self):
        for read in outputs.READERS.values():
            with self.assertRaises(ValueError):
                read('it did not work')

    def test_knows_wrks_units(self):
        self.assertEqual([outputs.milliseconds(text) for text in ('250us', '2.50ms', '1.50s', '2m')],
                         [0.25, 2.5, 1500, 120_000])


if __name__ == '__main__':
    unittest.main()
