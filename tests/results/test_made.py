"""What was made is known again; what was changed, cut or made from something else is not."""

from maternal_eval.core.made import is_made, mark_made


def test_made_is_known_until_key_or_file_change(tmp_path):
    stamp, files = tmp_path / ".stamp", [tmp_path / "one.svg", tmp_path / "two.png"]
    assert not is_made(stamp, "key", files)
    for path in files:
        path.write_text(path.name)
    mark_made(stamp, "key", files)
    assert is_made(stamp, "key", files)
    assert not is_made(stamp, "other key", files)
    assert not is_made(stamp, "key", files[:1])
    files[1].write_text("changed")
    assert not is_made(stamp, "key", files)
    files[1].unlink()
    assert not is_made(stamp, "key", files)
    stamp.write_text('{"key": "ke')
    assert not is_made(stamp, "key", files)
