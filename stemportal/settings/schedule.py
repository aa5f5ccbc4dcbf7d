"""What beat starts by itself, and when."""

from __future__ import annotations

from celery.schedules import crontab

from stemportal.settings import env

__all__ = ["CELERY_BEAT_SCHEDULE"]

CELERY_BEAT_SCHEDULE = {
    "outbox-sweep": {"task": "stemportal.outbox.tasks.sweep", "schedule": env.number("OUTBOX_SWEEP_SECONDS", 15)},
    "reports-sweep": {"task": "stemportal.reports.tasks.sweep", "schedule": 60},
    "reports-files": {"task": "stemportal.reports.tasks.sweep_files", "schedule": crontab(hour=3, minute=50)},
    "reports-exports-expire": {"task": "stemportal.reports.tasks.expire_exports", "schedule": crontab(minute=55)},
    "reports-radar-day": {"task": "stemportal.reports.tasks.note_radar", "schedule": crontab(hour=5, minute=30)},
    "reports-radar-mail": {"task": "stemportal.reports.tasks.mail_radar", "schedule": crontab(minute=5)},
    "newsletters-sweep": {
        "task": "stemportal.newsletters.tasks.sweep",
        "schedule": env.number("NEWSLETTER_SWEEP_SECONDS", 15),
    },
    "newsletters-returns": {
        "task": "stemportal.newsletters.tasks.read_return_mailbox",
        "schedule": env.number("RETURN_MAILBOX_SECONDS", 300),
    },
    "newsletters-retention": {
        "task": "stemportal.newsletters.tasks.forget_old",
        "schedule": crontab(hour=4, minute=20),
    },
    "schools-waiting-teachers": {
        "task": "stemportal.schools.tasks.ask_secretariat_about_teachers",
        "schedule": crontab(minute=25),
    },
    "schools-reminders": {"task": "stemportal.schools.tasks.remind_of_visits", "schedule": crontab(minute="*/15")},
    "schools-close": {"task": "stemportal.schools.tasks.close_untold_visits", "schedule": crontab(minute=35)},
    "schools-untold": {"task": "stemportal.schools.tasks.sweep_untold", "schedule": 30},
    "schools-waiting": {"task": "stemportal.schools.tasks.sweep_waiting", "schedule": 60},
    "schools-wishes-untold": {"task": "stemportal.schools.tasks.sweep_wishes", "schedule": 60},
    "schools-wishes": {"task": "stemportal.schools.tasks.look_after_wishes", "schedule": crontab(minute=25)},
    "schools-messages": {
        "task": "stemportal.schools.tasks.tell_messages",
        "schedule": env.number("MESSAGE_SWEEP_SECONDS", 60),
    },
    "schools-retention": {"task": "stemportal.schools.tasks.forget_old_words", "schedule": crontab(hour=4, minute=10)},
    "schools-promises": {
        "task": "stemportal.schools.tasks.keep_promises",
        "schedule": env.number("PROMISE_SWEEP_SECONDS", 300),
    },
    "schools-register": {
        "task": "stemportal.schools.tasks.start_school_import",
        "schedule": crontab(day_of_week="mon", hour=2, minute=50),
    },
    "schools-register-sweep": {"task": "stemportal.schools.tasks.sweep_school_import", "schedule": 60},
    "schools-transport": {"task": "stemportal.schools.tasks.grants_of_today", "schedule": crontab(hour=6, minute=40)},
    "network-meetings": {
        "task": "stemportal.network.tasks.sweep_meeting_mails",
        "schedule": env.number("MEETING_SWEEP_SECONDS", 60),
    },
    "network-meetings-forget": {
        "task": "stemportal.network.tasks.forget_meetings",
        "schedule": crontab(hour=4, minute=20),
    },
    "partners-register": {
        "task": "stemportal.partners.tasks.start_comparison",
        "schedule": crontab(hour=2, minute=10),
    },
    "partners-register-sweep": {"task": "stemportal.partners.tasks.sweep_comparison", "schedule": 60},
    "partners-imports-sweep": {"task": "stemportal.partners.tasks.sweep_imports", "schedule": 60},
    "partners-late-rows": {"task": "stemportal.partners.tasks.move_late_rows", "schedule": 600},
    "partners-copies-sweep": {"task": "stemportal.partners.tasks.sweep_copies", "schedule": 60},
    "partners-copies-expire": {
        "task": "stemportal.partners.tasks.expire_copies",
        "schedule": crontab(minute=50),
    },
    "partners-unfinished": {
        "task": "stemportal.partners.tasks.delete_unfinished_registrations",
        "schedule": crontab(hour=3, minute=30),
    },
    "partners-retention": {
        "task": "stemportal.partners.tasks.delete_personal_data",
        "schedule": crontab(hour=4, minute=30),
    },
    "activities-availability": {
        "task": "stemportal.activities.tasks.refresh_availability",
        "schedule": env.number("AVAILABILITY_SECONDS", 600),
    },
    "activities-search-sweep": {
        "task": "stemportal.activities.tasks.sweep_search",
        "schedule": env.number("SEARCH_SWEEP_SECONDS", 60),
    },
    "activities-search": {"task": "stemportal.activities.tasks.rebuild_search", "schedule": crontab(hour=3, minute=40)},
    "activities-saved-searches": {
        "task": "stemportal.activities.tasks.mail_saved_searches",
        "schedule": env.number("SAVED_SEARCH_SECONDS", 600),
    },
    "activities-forget-asked": {
        "task": "stemportal.activities.tasks.forget_who_asked",
        "schedule": crontab(hour=4, minute=50),
    },
    "activities-curriculum": {
        "task": "stemportal.activities.tasks.import_curriculum",
        "schedule": crontab(day_of_month=3, hour=2, minute=40),
    },
    "partners-ask-for-signatures": {
        "task": "stemportal.partners.tasks.ask_for_signatures",
        "schedule": crontab(hour=6, minute=10),
    },
    "network-inputs": {"task": "stemportal.network.tasks.sweep_inputs", "schedule": 60},
    "network-hearings": {"task": "stemportal.network.tasks.tell_hearings", "schedule": 60},
    "network-groups": {
        "task": "stemportal.network.tasks.tell_groups",
        "schedule": env.number("MESSAGE_SWEEP_SECONDS", 60),
    },
    "network-groups-daily": {"task": "stemportal.network.tasks.mail_groups_daily", "schedule": crontab(minute="*/15")},
    "network-groups-forget": {
        "task": "stemportal.network.tasks.forget_removed_of_groups",
        "schedule": crontab(hour=4, minute=15),
    },
    "network-stories": {"task": "stemportal.network.tasks.forget_stories", "schedule": crontab(hour=4, minute=20)},
    "sessions-clear": {"task": "stemportal.accounts.tasks.clear_sessions", "schedule": crontab(hour=3, minute=20)},
}
