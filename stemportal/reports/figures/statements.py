"""The statements that count, one a family of figures; what each figure means stands in ``definitions``.

Each returns a row for every ``key``: the partner, or 0 for the whole programme; ``counting`` fills in ``{key}``.
Parameters: start, end (aware datetimes), first_day, last_day (dates), august (aware datetime: when the school year in
the period begins), months (the first moments of its twelve), year and is_school (of the period), partners (ids, or None
for all). Durations are whole seconds and averages sums with their counts, so that the same rows give the same figures
in whatever order they are read.
"""

from __future__ import annotations

# Rows: what, key, id (of what), visits, pupils, and five more numbers that depend on ``what``.
VISITS = """
WITH visit AS MATERIALIZED (
    SELECT {key} AS key, visit.partner_id, visit.activity_id, visit.session_id, visit.kind_id, visit.school_id,
           visit.municipality_id, visit.county_id, visit.grade, upper(btrim(visit.group_name)) AS group_name,
           visit.starts_at >= %(august)s AS in_autumn, visit.pupils, visit.girls, visit.places,
           round(visit.hours * 3600)::int AS seconds, feedback.rating,
           width_bucket(visit.starts_at, %(months)s::timestamptz[]) AS month
    FROM schools_visit visit
    LEFT JOIN schools_feedback feedback ON feedback.booking_id = visit.booking_id AND feedback.side = 'school'
    WHERE visit.starts_at >= %(start)s AND visit.starts_at < %(end)s
      AND (%(partners)s::bigint[] IS NULL OR visit.partner_id = ANY(%(partners)s::bigint[]))
), held AS (
    SELECT session_id, min(key) AS key, min(partner_id) AS partner_id, min(activity_id) AS activity_id,
           min(seconds) AS seconds
    FROM visit GROUP BY session_id
), given AS (
    SELECT key, partner_id, activity_id, count(*) AS sessions, sum(seconds)::bigint AS seconds
    FROM held GROUP BY key, partner_id, activity_id
), named AS (
    -- In the offer's list of role models, or because it is the offer of the role model itself.
    SELECT activity_id, rolemodel_id FROM activities_activity_role_models
    WHERE activity_id IN (SELECT activity_id FROM given)
    UNION SELECT offer_id, id FROM activities_rolemodel WHERE offer_id IN (SELECT activity_id FROM given)
), people AS (
    SELECT activity_id, count(*) AS number FROM named GROUP BY activity_id
), at_school AS (
    SELECT key, school_id, municipality_id, county_id, count(*) AS visits
    FROM visit GROUP BY key, school_id, municipality_id, county_id
), met AS (
    SELECT key FROM visit GROUP BY key, school_id, grade, group_name, in_autumn
)
SELECT CASE grouping(kind_id, month, county_id, grade)
           WHEN 7 THEN 'kind' WHEN 11 THEN 'month' WHEN 13 THEN 'region' WHEN 14 THEN 'grade'
           ELSE 'all'
       END, key, coalesce(kind_id, month, county_id, grade), count(*), sum(pupils)::bigint,
       sum(girls)::bigint, count(girls), coalesce(sum(pupils) FILTER (WHERE girls IS NOT NULL), 0)::bigint,
       sum(places)::bigint, sum(pupils * seconds::float8)::bigint
FROM visit
GROUP BY GROUPING SETS ((key), (key, kind_id), (key, month), (key, county_id), (key, grade))
UNION ALL
SELECT 'ratings', key, NULL, count(rating), sum(rating), 0, 0, 0, 0, 0 FROM visit WHERE rating IS NOT NULL GROUP BY key
UNION ALL
SELECT 'given', key, NULL, sum(sessions)::bigint, sum(seconds)::bigint,
       sum(seconds * coalesce(people.number, 1))::bigint, count(DISTINCT given.partner_id),
       count(DISTINCT given.partner_id) FILTER (WHERE partner.kind = 'company'), 0, 0
FROM given JOIN partners_partner partner ON partner.id = given.partner_id
LEFT JOIN people ON people.activity_id = given.activity_id GROUP BY key
UNION ALL
SELECT 'role_models', key, NULL, count(DISTINCT rolemodel_id), 0, 0, 0, 0, 0, 0
FROM given JOIN named ON named.activity_id = given.activity_id GROUP BY key
UNION ALL
SELECT 'schools', key, NULL, count(*), 0, count(DISTINCT municipality_id), count(DISTINCT county_id), 0, 0, 0
FROM at_school GROUP BY key
UNION ALL
SELECT 'schools_of_region', key, county_id, count(*), 0, 0, 0, 0, 0, 0 FROM at_school GROUP BY key, county_id
UNION ALL
SELECT 'groups', key, NULL, count(*), 0, 0, 0, 0, 0, 0 FROM met GROUP BY key
"""

# Schools reached: key, latitude, longitude, visits.
POINTS = """
SELECT {key} AS key, school.latitude, school.longitude, count(*)
FROM schools_visit visit JOIN schools_school school ON school.id = visit.school_id
WHERE visit.starts_at >= %(start)s AND visit.starts_at < %(end)s
  AND (%(partners)s::bigint[] IS NULL OR visit.partner_id = ANY(%(partners)s::bigint[]))
GROUP BY 1, school.id ORDER BY 1, count(*) DESC, school.number
"""

# Key, enquiries, answered, median of days.
ENQUIRIES = """
SELECT {key} AS key, count(*), count(booking.answered_at),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM booking.answered_at - booking.created_at))
FROM schools_booking booking JOIN activities_activity activity ON activity.id = booking.activity_id
WHERE booking.created_at >= %(start)s AND booking.created_at < %(end)s
  AND (booking.reply_by IS NOT NULL OR booking.answered_at IS NOT NULL)
  AND NOT (booking.status = 'withdrawn' AND booking.answered_at IS NULL)
  AND (%(partners)s::bigint[] IS NULL OR activity.partner_id = ANY(%(partners)s::bigint[]))
GROUP BY 1
"""

# Key, kind, places offered.
OFFERED = """
SELECT {key} AS key, activity.kind_id, sum(session.capacity)::bigint
FROM activities_session session JOIN activities_activity activity ON activity.id = session.activity_id
WHERE session.starts_at >= %(start)s AND session.starts_at < %(end)s
  AND session.status = 'open' AND activity.published_at IS NOT NULL
  AND (%(partners)s::bigint[] IS NULL OR activity.partner_id = ANY(%(partners)s::bigint[]))
GROUP BY 1, activity.kind_id
"""

# Key, kind, places booked, cancelled by the partner, cancelled by the school, groups that did not come.
BOOKED = """
SELECT {key} AS key, activity.kind_id,
       coalesce(sum(booking.places) FILTER (
           WHERE session.status = 'open'
             AND booking.status IN ('requested', 'offered', 'confirmed', 'completed', 'no_show')
       ), 0)::bigint,
       count(*) FILTER (WHERE booking.status = 'partner_cancel'),
       count(*) FILTER (WHERE booking.status = 'school_cancel'),
       count(*) FILTER (WHERE booking.status = 'no_show')
FROM schools_booking booking
JOIN activities_activity activity ON activity.id = booking.activity_id
LEFT JOIN activities_session session ON session.id = booking.session_id
WHERE coalesce(session.starts_at, booking.proposed_at) >= %(start)s
  AND coalesce(session.starts_at, booking.proposed_at) < %(end)s
  AND (%(partners)s::bigint[] IS NULL OR activity.partner_id = ANY(%(partners)s::bigint[]))
GROUP BY 1, activity.kind_id
"""

# Key, visits whose pulse counts, answers and points before, answers and points after.
PULSES = """
WITH asked AS (
    SELECT {key} AS key, pulse.id
    FROM schools_pulse pulse JOIN schools_visit visit ON visit.booking_id = pulse.booking_id
    WHERE visit.starts_at >= %(start)s AND visit.starts_at < %(end)s
      AND (%(partners)s::bigint[] IS NULL OR visit.partner_id = ANY(%(partners)s::bigint[]))
), answered AS (
    SELECT asked.key,
           sum(number) FILTER (WHERE moment = 'before' AND question = 1) AS pupils_before,
           sum(number) FILTER (WHERE moment = 'after' AND question = 1) AS pupils_after,
           sum(number) FILTER (WHERE moment = 'before') AS before,
           sum(number * answer) FILTER (WHERE moment = 'before') AS points_before,
           sum(number) FILTER (WHERE moment = 'after') AS after,
           sum(number * answer) FILTER (WHERE moment = 'after') AS points_after
    FROM asked JOIN schools_pulsecount counted ON counted.pulse_id = asked.id
    GROUP BY asked.key, asked.id
)
SELECT key, count(*), sum(before)::bigint, sum(points_before)::bigint, sum(after)::bigint, sum(points_after)::bigint
FROM answered WHERE pupils_before >= 5 AND pupils_after >= 5 GROUP BY key
"""

# Key, øre paid from the partner's own pots, øre paid for journeys to the partner.
MONEY = """
SELECT {key} AS key, sum(own)::bigint, sum(travel)::bigint FROM (
    SELECT pot.partner_id, entry.ore AS own, 0 AS travel
    FROM schools_ledgerentry entry JOIN schools_grantpot pot ON pot.id = entry.pot_id
    WHERE entry.kind = 'pay' AND entry.at >= %(start)s AND entry.at < %(end)s AND pot.partner_id IS NOT NULL
      AND (%(partners)s::bigint[] IS NULL OR pot.partner_id = ANY(%(partners)s::bigint[]))
    UNION ALL
    SELECT activity.partner_id, 0, entry.ore
    FROM schools_ledgerentry entry
    JOIN schools_transportgrant transport ON transport.id = entry.grant_id
    JOIN schools_booking booking ON booking.id = transport.booking_id
    JOIN activities_activity activity ON activity.id = booking.activity_id
    WHERE entry.kind = 'pay' AND entry.at >= %(start)s AND entry.at < %(end)s
      AND (%(partners)s::bigint[] IS NULL OR activity.partner_id = ANY(%(partners)s::bigint[]))
) share
GROUP BY 1
"""

# Key, kind, quantity pledged, and what was delivered in the unit of the pledge. School years only.
PLEDGES = """
WITH pledge AS (
    SELECT pledge.partner_id, pledge.kind_id, pledge.quantity, kind.unit, kind.pledge_unit
    FROM activities_pledge pledge JOIN activities_kind kind ON kind.id = pledge.kind_id
    WHERE %(is_school)s AND pledge.school_year = %(year)s
      AND (%(partners)s::bigint[] IS NULL OR pledge.partner_id = ANY(%(partners)s::bigint[]))
), delivered AS (
    SELECT visit.partner_id, visit.kind_id, count(*) AS visits, sum(visit.places) AS places,
           sum(visit.places * coalesce(activity.grant_amount, 0)) AS kroner
    FROM schools_visit visit JOIN activities_activity activity ON activity.id = visit.activity_id
    WHERE visit.starts_at >= %(start)s AND visit.starts_at < %(end)s
      AND (visit.partner_id, visit.kind_id) IN (SELECT partner_id, kind_id FROM pledge)
    GROUP BY visit.partner_id, visit.kind_id
), published AS (
    SELECT activity.partner_id, activity.kind_id, count(*) AS offers FROM activities_activity activity
    WHERE activity.status = 'published' AND activity.published_at < %(end)s
      AND (activity.partner_id, activity.kind_id) IN (
          SELECT partner_id, kind_id FROM pledge WHERE pledge_unit = 'published'
      )
    GROUP BY activity.partner_id, activity.kind_id
)
SELECT {key} AS key, pledge.kind_id, sum(pledge.quantity)::bigint, sum(coalesce(CASE
           WHEN pledge.pledge_unit = 'published' THEN published.offers
           WHEN pledge.pledge_unit = 'kroner' THEN delivered.kroner
           WHEN pledge.pledge_unit = 'visits' AND pledge.unit = 'pupils' THEN delivered.visits
           ELSE delivered.places
       END, 0))::bigint
FROM pledge LEFT JOIN delivered USING (partner_id, kind_id) LEFT JOIN published USING (partner_id, kind_id)
GROUP BY 1, pledge.kind_id
"""

# Key, plays of films.
FILMS = """
SELECT {key} AS key, sum(plays.number)::bigint
FROM activities_filmplays plays JOIN activities_activity activity ON activity.id = plays.activity_id
WHERE plays.day BETWEEN %(first_day)s AND %(last_day)s
  AND (%(partners)s::bigint[] IS NULL OR activity.partner_id = ANY(%(partners)s::bigint[]))
GROUP BY 1
"""

# Key, number, pupils, girls, how many told of girls, pupils of those, tenths of hours: what partners say themselves.
OWN_WORDS = """
SELECT {key} AS key, count(*), sum(pupils)::bigint, sum(girls)::bigint, count(girls),
       coalesce(sum(pupils) FILTER (WHERE girls IS NOT NULL), 0)::bigint, sum(hours * 10)::bigint
FROM activities_ownword
WHERE held_on BETWEEN %(first_day)s AND %(last_day)s
  AND (%(partners)s::bigint[] IS NULL OR partner_id = ANY(%(partners)s::bigint[]))
GROUP BY 1
"""

# Partner, start of the meeting, title in three languages, how many of its people came.
MEETINGS = """
SELECT rsvp.partner_id, meeting.starts_at, meeting.title_nb, meeting.title_nn, meeting.title_en, sum(rsvp.came)::bigint
FROM network_rsvp rsvp JOIN network_meeting meeting ON meeting.id = rsvp.meeting_id
WHERE rsvp.came > 0 AND meeting.status = 'published' AND rsvp.partner_id IS NOT NULL
  AND meeting.starts_at >= %(start)s AND meeting.starts_at < %(end)s
  AND (%(partners)s::bigint[] IS NULL OR rsvp.partner_id = ANY(%(partners)s::bigint[]))
GROUP BY rsvp.partner_id, meeting.id ORDER BY rsvp.partner_id, meeting.starts_at, meeting.id
"""
