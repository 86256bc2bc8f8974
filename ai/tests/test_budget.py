"""How much analysis may take, beside what the machine has to give."""

from types import SimpleNamespace

from ai import budget
from ai.analyse import Job
from server.kernel.config import load
from server.users.people import OPERATOR


def test_no_more_listen_than_the_machine_has_cores(shelf, tmp_path, monkeypatch):
    monkeypatch.setattr(budget, "cores", lambda: 2)
    app = SimpleNamespace(db=shelf.db, config=load({}, {"data": str(tmp_path), "analysis_cores": 1}))
    for wanted, taken in ((0, 1), (2, 2), (99, 2)):
        with app.db.writing() as conn:
            budget.change(conn, OPERATOR, cores=wanted)
        job = Job(app, heedless=True)
        job._look()
        assert job._cores == taken
