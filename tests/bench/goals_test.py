"""The table of goals says ok, not, or that it was not measured."""
import unittest

import goals


def run(load, server, rate=0.0, part='main', **more):
    of = 'goloca' if server.startswith('goloca') else 'peer' if server.startswith('peer') else 'reference'
    return dict(dict(part=part, load=load, server=server, of=of, rate=rate, latency={}, failed=0, unanswered=0,
                     peak_mib=10), **more)


def verdict(runs, load, wanted):
    return next(row[3] for row in goals.rows(runs) if row[0] == load and wanted in row[1])


class Goals(unittest.TestCase):
    def test_are_not_met_by_measuring_nothing(self):
        self.assertEqual({row[3] for row in goals.rows([])}, {'not measured'})

    def test_compare_goloca_to_the_best_peers_median(self):
        runs = [run('HTTP c=16', 'peer a', 100), run('HTTP c=16', 'peer b', 200), run('HTTP c=16', 'peer b', 400),
                run('HTTP c=16', 'nginx 201', 9000)]
        self.assertEqual(verdict(runs, 'HTTP c=16', 'peer'), 'not measured')
        self.assertEqual(verdict([*runs, run('HTTP c=16', 'goloca', 421)], 'HTTP c=16', 'peer'), 'ok')
        self.assertEqual(verdict([*runs, run('HTTP c=16', 'goloca', 419)], 'HTTP c=16', 'peer'), '**not**')

    def test_compare_http_to_nginx(self):
        runs = [run('HTTP c=64', 'nginx 201', 1000)]
        self.assertEqual(verdict([*runs, run('HTTP c=64', 'goloca', 500)], 'HTTP c=64', 'nginx'), 'ok')
        self.assertEqual(verdict([*runs, run('HTTP c=64', 'goloca', 499)], 'HTTP c=64', 'nginx'), '**not**')

    def test_take_the_ratio_to_copy_within_each_turn(self):
        runs = [run('WS 8x64 lean', 'goloca', 50, copy=100), run('WS 8x64 lean', 'goloca', 10, copy=100),
                run('WS 8x64 lean', 'goloca', 46, copy=100)]
        self.assertEqual(verdict(runs, 'WS 8x64 lean', 'COPY'), 'ok')
        self.assertEqual(verdict(runs[:2], 'WS 8x64 lean', 'COPY'), '**not**')

    def test_compare_a_lone_points_latency_to_the_database_and_to_every_peer(self):
        def runs(mine):
            return [run('pgbench c=1', 'PostgreSQL', part='reference', latency=dict(p50=0.4)),
                    run('WS 1x1 go', 'peer a', latency=dict(p50=0.55)),
                    run('WS 1x1 go', 'goloca', latency=dict(p50=mine))]
        self.assertEqual(verdict(runs(0.5), 'WS 1x1 go, p50', 'pgbench'), 'ok')
        self.assertEqual(verdict(runs(0.5), 'WS 1x1 go, p50', 'peer'), 'ok')
        self.assertEqual(verdict(runs(0.58), 'WS 1x1 go, p50', 'pgbench'), 'ok')
        self.assertEqual(verdict(runs(0.58), 'WS 1x1 go, p50', 'peer'), '**not**')
        self.assertEqual(verdict(runs(0.7), 'WS 1x1 go, p50', 'pgbench'), '**not**')

    def test_want_every_point_answered_at_half_of_the_top_rate(self):
        good = run(goals.HALF, 'goloca', latency=dict(p99=9.0))
        self.assertEqual(verdict([good], f'{goals.HALF}, p99', '10 ms'), 'ok')
        self.assertEqual(verdict([dict(good, unanswered=1)], f'{goals.HALF}, p99', '10 ms'), '**not**')
        self.assertEqual(verdict([dict(good, latency=dict(p99=11.0))], f'{goals.HALF}, p99', '10 ms'), '**not**')

    def test_compare_sqlite_to_postgres(self):
        runs = [run('WS 8x64 go', 'goloca', 100), run('WS 8x64 go, sqlite', 'goloca sqlite', 120)]
        self.assertEqual(verdict(runs, 'WS 8x64 go, sqlite', 'PostgreSQL'), 'ok')

    def test_bound_memory_by_its_most(self):
        runs = [run('a', 'goloca', peak_mib=50), run('b', 'goloca', peak_mib=60),
                dict(part='idle', load='idle WebSockets', server='goloca', kib_each=48)]
        self.assertEqual(verdict(runs, 'memory at top load', '60 MB'), '**not**')  # 60 MiB are 63 MB
        self.assertEqual(verdict(runs, 'memory, an idle WebSocket', '48'), 'ok')


if __name__ == '__main__':
    unittest.main()
