"""Statistics over runs."""
import unittest

import figures


def run(rate, **more):
    return dict(dict(load='a', server='s', rate=rate, copy=1000, points=100, lost=0, failed=0, unanswered=0,
                     foreign=0.1, peak_mib=20, latency=dict(p50=1.0),
                     cpu=dict(client=1e-4, server=2e-4, database=3e-4)), **more)


class Figures(unittest.TestCase):
    def test_takes_the_median_of_what_is_known(self):
        self.assertEqual(figures.median([3, None, 1, 2]), 2)
        self.assertIsNone(figures.median([None]))

    def test_spreads(self):
        self.assertEqual(figures.spread(iter((5, 1, 9))), (5, 1, 9))
        self.assertIsNone(figures.spread([]))

    def test_groups_in_order_of_first_appearance(self):
        runs = [run(1, load='b'), run(2), run(3, load='b')]
        self.assertEqual([(key, len(group)) for key, group in figures.group(runs, 'load', 'server').items()],
                         [(('b', 's'), 2), (('a', 's'), 1)])

    def test_sums_up_the_rounds_of_a_load(self):
        seen = figures.summary([run(100), run(300, copy=2000, lost=2, peak_mib=30), run(200, copy=500, failed=1)])
        self.assertEqual(seen['rate'], (200, 100, 300))
        self.assertEqual(seen['ratio'], 0.15)  # the median of 0.1, 0.15 and 0.4: each within its turn
        self.assertEqual((seen['lost'], seen['failed'], seen['peak_mib'], seen['runs']), (2, 1, 30, 3))
        self.assertEqual({name: round(value, 6) for name, value in seen['cpu'].items()},
                         dict(client=1, server=2, database=3))
        self.assertIsNone(seen['latency']['p99'])

    def test_says_nothing_of_loss_where_nothing_is_kept(self):
        self.assertIsNone(figures.summary([run(1, lost=None)])['lost'])

    def test_merges_histograms(self):
        self.assertEqual(figures.merged([[[1, 5], [4, 1]], [[1, 2], [2, 2]]]), [(1, 7), (2, 2), (4, 1)])

    def test_gives_the_share_of_points_up_to_each_latency(self):
        self.assertEqual(figures.quantile_curve([(1, 5), (2, 4), (8, 1)]), [(0.5, 1), (0.9, 2), (1.0, 8)])


if __name__ == '__main__':
    unittest.main()
