"""What was typed: help for everything, a guess for what is not known, one sentence for what is wrong."""

import os
import subprocess
import sys

import pytest

from server.commands import COMMANDS
from server.kernel.config import SETTINGS
from server.tests.test_laws import ROOT

USER_ACTIONS = (
    "add",
    "list",
    "passwd",
    "remove",
    "roles",
    "hears",
    "app-password",
    "api-key",
    "lent",
    "revoke",
    "tokens",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(familiar, command):
    said = familiar(command, "--help")
    assert said.status == 0 and not said.err
    assert said.out.startswith(f"usage: familiar {command}")
    assert "--data" in said.out or command == "bench"


@pytest.mark.parametrize("action", USER_ACTIONS)
def test_every_action_on_users_explains_itself(familiar, action):
    assert familiar("user", action, "--help").status == 0


def test_nothing_typed_lists_all_commands(familiar):
    said = familiar()
    assert said.status == 0
    assert all(command in said.out for command in COMMANDS)


def test_the_help_of_serve_names_every_setting(familiar):
    said = familiar("serve", "--help").out
    assert all(setting.flag in said and setting.variable in said.replace("\n", "") for setting in SETTINGS)


@pytest.mark.parametrize(
    ("words", "guess"),
    [
        (["servee"], "Did you mean serve?"),
        (["serve", "--prot", "1"], "Did you mean --port?"),
        (["scan", "--ful"], "Did you mean --full?"),
        (["user", "add", "--admi", "anna"], "Did you mean --admin?"),
    ],
)
def test_a_mistyped_word_gets_a_guess_and_status_2(familiar, words, guess):
    said = familiar(*words)
    assert said.status == 2
    assert guess in said.err and said.err.count("\n") == 1


def test_half_an_option_is_not_taken_for_a_whole_one(familiar):
    assert familiar("config", "--dat", "x").status == 2


def test_a_mistyped_variable_gets_a_guess(familiar, monkeypatch):
    monkeypatch.setenv("FAMILIAR_PROT", "1")
    said = familiar("config")
    assert said.status == 1 and "Did you mean FAMILIAR_PORT?" in said.err


def test_a_mistyped_key_of_the_file_gets_a_guess(familiar, tmp_path):
    file = tmp_path / "other.toml"
    file.write_text("musik = '/x'\n")
    said = familiar("config", "--config", file)
    assert said.status == 1 and "Did you mean music?" in said.err


def test_a_flag_counts_more_than_the_environment_and_that_more_than_the_file(familiar, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "familiar.toml").write_text("port = 1001\nhost = '127.0.0.1'\nscan_every = 7\n")
    monkeypatch.setenv("FAMILIAR_PORT", "1002")
    monkeypatch.setenv("FAMILIAR_HOST", "127.0.0.2")
    lines = {line.split()[0]: line for line in familiar("config", "--port", "1003").out.splitlines()}
    assert "1003" in lines["port"] and lines["port"].endswith("a flag")
    assert "127.0.0.2" in lines["host"] and lines["host"].endswith("the environment")
    assert " 7 " in lines["scan_every"] and lines["scan_every"].endswith("familiar.toml")
    assert lines["watch"].endswith("the default")


def test_settings_may_stand_before_and_after_an_action(familiar, tmp_path):
    assert familiar("user", "add", "anna", "--data", tmp_path / "a", typed="correct-horse\n").status == 0
    assert "anna" in familiar("user", "--data", tmp_path / "a", "list").out


def test_secrets_are_masked_wherever_they_come_from(familiar, tmp_path, monkeypatch):
    monkeypatch.setenv("FAMILIAR_ADMIN_PASSWORD", "hush-hush")
    said = familiar("config", "--database", "postgresql://me:hush-hush@h/n", "--redis", "redis://:hush-hush@h")
    assert "hush" not in said.out and said.out.count("********") == 3


def test_a_bad_secret_is_not_repeated_in_the_complaint(familiar):
    assert "hush" not in familiar("doctor", "--database", "mysql://hush").out


def test_what_the_system_refuses_is_one_sentence(familiar, tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    said = familiar("user", "add", "anna", typed="correct-horse\n")
    assert said.status == 1 and said.err.startswith("familiar: ") and "Traceback" not in said.err


@pytest.mark.parametrize("words", [["user", "revoke"], ["radio", "remove"], ["podcast", "remove"]])
@pytest.mark.parametrize("number", ["9" * 30, "seven", "1.5"])
def test_what_is_no_number_that_anything_has_is_refused_in_a_sentence(familiar, words, number):
    said = familiar(*words, number)
    assert said.status == 2 and "NUMBER" in said.err and said.err.count("\n") == 1


@pytest.mark.parametrize("buffered", ["", "1"])
def test_who_has_seen_enough_of_what_is_said_gets_no_complaint(tmp_path, buffered):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "server", "config", "--data", tmp_path]
    told = subprocess.run(command, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, check=False,
                          env=os.environ | {"PYTHONUNBUFFERED": buffered})  # fmt: skip
    os.close(writer)
    assert (told.returncode, told.stderr) == (141, b"")
