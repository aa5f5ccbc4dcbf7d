"""``manage.py demo_accounts``: who one can be in the demo world."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from stemportal.demo.seed import world


class Command(BaseCommand):
    help = "Prints the demo accounts."

    def handle(self, *args: Any, **options: Any) -> None:
        url = settings.PORTAL_BASE_URL
        self.stdout.write(f"Demo accounts, all with the password {world.PASSWORD}")
        self.stdout.write(f"  teacher      {world.TEACHER_EMAIL}   {url}/me/")
        self.stdout.write(f"  partner      {world.PARTNER_EMAIL}   {url}/start/")
        self.stdout.write(f"  secretariat  {world.STAFF_EMAIL}   {url}/admin/")
        self.stdout.write(f"Every mail the portal sends: {url}/demo/mail/")
