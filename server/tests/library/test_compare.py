"""What a scan has to read, told from what was seen and what is known."""

from server.library.compare import Known, compare
from server.library.folders import Folder
from server.library.sung.beside import ALONE
from server.library.walk import Sight

FOLDER = Folder(7, 1, None, "Box", "Box")


def told(audio, rows=(), bad=(), full=False, at_once=80):
    known = Known({7: {row[2]: row for row in rows}}, {}, dict(bad))
    return list(compare([(FOLDER, Sight("Box", list(audio), [], "signed", ""))], known, full, at_once))


def row(number, name, mtime=1, size=2, missing=None):
    return (number, 7, name, mtime, size, 9, missing, ALONE.mark)


def test_a_folder_of_many_files_comes_in_parts_and_is_signed_by_the_last():
    tasks = told([(f"{n}.mp3", 1, 2) for n in range(5)], at_once=2)
    names = [[name for _, name, *_ in task.work] for task in tasks]
    assert names == [["0.mp3", "1.mp3"], ["2.mp3", "3.mp3"], ["4.mp3"]]
    assert [task.folders for task in tasks] == [[(FOLDER, "")], [(FOLDER, "")], [(FOLDER, "signed")]]


def test_what_is_unchanged_is_not_read_and_what_is_changed_keeps_its_row():
    (task,) = told([("a.mp3", 1, 2), ("b.mp3", 5, 2)], [row(11, "a.mp3"), row(12, "b.mp3")])
    assert task.work == [(FOLDER, "b.mp3", 5, 2, 12, ALONE)]
    assert not task.lost and not task.recovered


def test_what_is_gone_is_lost_and_what_is_back_is_recovered():
    (task,) = told([("b.mp3", 1, 2)], [row(11, "a.mp3"), row(12, "b.mp3", missing=99)])
    assert (task.lost, task.recovered, task.work) == ([(11, 7)], [12], [])


def test_a_bad_file_is_tried_again_when_it_has_changed_or_all_is_read():
    assert told([("a.mp3", 1, 2)], bad={"Box/a.mp3": (1, 2)})[0].work == []
    assert told([("a.mp3", 3, 2)], bad={"Box/a.mp3": (1, 2)})[0].work
    assert told([("a.mp3", 1, 2)], bad={"Box/a.mp3": (1, 2)}, full=True)[0].work
