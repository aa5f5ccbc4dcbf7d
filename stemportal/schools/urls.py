from django.urls import path

from stemportal.schools.views import book, bookings, engagement, my_page, partner_room, sessions, signup

app_name = "schools"

urlpatterns = [
    path("schools/suggest/", signup.school_suggest, name="school_suggest"),
    path("me/", my_page.my_page, name="my_page"),
    path("me/school/", signup.my_school, name="my_school"),
    path("me/classes/new/", my_page.class_edit, name="class_add"),
    path("me/classes/<int:pk>/", my_page.class_edit, name="class_edit"),
    path("me/classes/<int:pk>/delete/", my_page.class_delete, name="class_delete"),
    path("sessions/<int:session_pk>/book/", book.book, name="book"),
    path("activities/<int:activity_pk>/propose/", book.propose, name="propose"),
    path("bookings/<int:pk>/", bookings.booking, name="booking"),
    path("bookings/<int:pk>/calendar.ics", bookings.booking_ics, name="booking_ics"),
    path("bookings/<int:pk>/confirm/", bookings.confirm, name="booking_confirm"),
    path("bookings/<int:pk>/decline/", bookings.decline, name="booking_decline"),
    path("bookings/<int:pk>/withdraw/", bookings.withdraw, name="booking_withdraw"),
    path("bookings/<int:pk>/cancel/", bookings.cancel, name="booking_cancel"),
    path("bookings/<int:pk>/attendance/", bookings.attendance, name="attendance"),
    path("partner/<int:partner_pk>/", partner_room.partner_today, name="partner_today"),
    path("partner/<int:partner_pk>/bookings/", partner_room.partner_bookings, name="partner_bookings"),
    path("partner/<int:partner_pk>/pledges/", engagement.engagement, name="engagement"),
    path(
        "partner/<int:partner_pk>/pledges/<int:school_year>/<slug:kind>/",
        engagement.published_places,
        name="published_places",
    ),
    path("sessions/<int:pk>/change/", sessions.session_change, name="session_change"),
    path("sessions/<int:pk>/cancel/", sessions.session_cancel, name="session_cancel"),
]
