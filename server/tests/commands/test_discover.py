"""`familiar discover`: lists for somebody, from the command line."""


def test_lists_are_made_shown_and_not_made_twice(familiar, tmp_path):
    assert familiar("user", "add", "anna", typed="correct-horse\n").status == 0
    nothing = familiar("discover", "anna")
    assert nothing.status == 0 and "There are no lists for anna." in nothing.out
    unknown = familiar("discover", "nobody")
    assert unknown.status != 0 and "nobody" in unknown.err
