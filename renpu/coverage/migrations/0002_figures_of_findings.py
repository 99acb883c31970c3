"""A finding of a police row says what it stands for in the figures of each level. Those that are there say nothing
until the area is compared again; pages show no figures until then."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("coverage", "0001_initial")]

    operations = [
        migrations.AddField(
            "finding",
            "in_figures",
            models.CharField(
                blank=True,
                help_text="of a police row: what it stands for in figures of each level (`figures`)",
                max_length=5,
            ),
        ),
        migrations.RemoveIndex("finding", "finding_by_kind"),
        migrations.AddIndex(
            "finding",
            models.Index(
                fields=["census_id", "source", "finding", "area_code", "id", "in_figures"], name="finding_by_kind"
            ),
        ),
    ]
