"""Who goes first."""
import unittest

import rounds


class Rotated(unittest.TestCase):
    def test_lets_each_go_first_in_turn_and_leaves_none_out(self):
        self.assertEqual([''.join(rounds.rotated(list('abc'), number)) for number in range(4)],
                         ['abc', 'bca', 'cab', 'abc'])

    def test_takes_a_load_that_no_server_is_for(self):
        self.assertEqual(rounds.rotated([], 3), [])


if __name__ == '__main__':
    unittest.main()
