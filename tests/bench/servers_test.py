"""Lost ids are found, and each server gets the settings that it is to run with."""
import os
import sqlite3
import tempfile
import unittest

import servers


class Servers(unittest.TestCase):
    def test_finds_the_ids_that_sqlite_does_not_have(self):
        with tempfile.TemporaryDirectory() as folder:
            path, acked = os.path.join(folder, 'goloca.db'), os.path.join(folder, 'acked')
            database = sqlite3.connect(path)
            database.execute('create table datapoint(id integer primary key)')
            database.executemany('insert into datapoint values (?)', ((key,) for key in (1, 2, 3)))
            database.commit()
            database.close()
            with open(acked, 'w') as file:
                file.write('1\n3\n4\n5\n')
            self.assertEqual(servers.lost_in_sqlite(path, acked), 2)

    def test_runs_goloca_over_each_store(self):
        self.assertEqual(servers.goloca('goloca').name, 'goloca')
        null = servers.goloca('goloca', 'null')
        self.assertEqual((null.name, null.keeps, null.settings['ALLOW_WEAK_DURABILITY']),
                         ('goloca null', 'nowhere', 'true'))
        self.assertEqual(servers.goloca('goloca', MAX_BATCH='7').settings['MAX_BATCH'], '7')

    def test_knows_the_yardsticks_peers(self):
        self.assertLessEqual({'bun', 'bun-copy', 'node', 'erlang', 'bun echo'}, set(servers.peers('folder')))


if __name__ == '__main__':
    unittest.main()
