"""What every office page needs: the census, and the areas that the user may see."""

from renpu.platform.models import Census


def office(request):
    return {"census": Census.objects.filter(pilot_of=None).order_by("pk").first()}
