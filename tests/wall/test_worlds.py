"""The seeds reach every table and every private column, so that what is searched for later is there to be found."""

from lab.rules import RULES
from lab.rules.model import PrivacyClass
from tests.wall.scenes import Scene
from tests.wall.seeds import make_world


def test_every_table_has_a_row(each_scene: Scene) -> None:
    make_world(each_scene)
    empty = [t.id for t in RULES.tables if not each_scene.truth(f"select exists (select from {t.qualified})")]
    assert empty == []


def test_every_private_column_is_filled(each_scene: Scene) -> None:
    world = make_world(each_scene)
    private = {
        f"{table.id}.{column.name}"
        for table in RULES.tables
        for column in table.columns
        if column.privacy in (PrivacyClass.SECRET, PrivacyClass.PERSONAL) and not column.name.endswith("_sha256")
    }
    assert set(world.words) == private
