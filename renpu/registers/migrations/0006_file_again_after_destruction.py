"""A file whose rows were destroyed may be delivered again: `one_file_delivered_once` counts no destroyed delivery. No
data are touched."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registers", "0005_words_of_steps")]

    operations = [
        migrations.RemoveConstraint("delivery", "one_file_delivered_once"),
        migrations.AddConstraint(
            "delivery",
            models.UniqueConstraint(
                condition=models.Q(state__in=["received", "accepted", "superseded"], destroyed_at=None),
                fields=("source", "area_code", "sha256"),
                name="one_file_delivered_once",
            ),
        ),
    ]
