"""Each load becomes its client's command."""
import dataclasses
import unittest

import loads

TOOLS = {'wrk': 'wrk', 'acked.lua': 'acked.lua', 'go': 'wsload', 'lean': 'goloca', 'send': 'goloca'}


def flags(command):
    return {flag: value for flag, value in zip(command, command[1:]) if flag.startswith('--')}


class Loads(unittest.TestCase):
    def test_have_names_of_their_own(self):
        names = [load.name for load in loads.main_loads()]
        self.assertEqual(len(names), len(set(names)))

    def test_all_become_commands_that_say_how_long(self):  # to wrk in whole seconds
        for load in loads.main_loads():
            command = loads.command(load, 8080, 2.5, 'acked', TOOLS)
            self.assertTrue({'2500ms', '2.5s', '-d3s'} & set(command), command)

    def test_tell_the_lean_client_all_it_needs(self):
        paced = dataclasses.replace(loads.websocket(64, 16, 'lean'), rate=41234.5)
        seen = flags(loads.command(paced, 8080, 4, 'acked', TOOLS))
        self.assertEqual((seen['--connections'], seen['--window'], seen['--rate'], seen['--acked']),
                         ('64', '16', '41234.5', 'acked'))
        self.assertNotIn('--points', seen)

    def test_keep_arrays_within_what_a_connection_may_have_in_flight(self):
        for size in (50, 200):
            self.assertLessEqual(loads.arrays(size).window * size, 1024)


if __name__ == '__main__':
    unittest.main()
