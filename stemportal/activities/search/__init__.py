"""Full-text search: an embedded index (tantivy) that is built from PostgreSQL and never asked for facts.

`words`      from text to terms: folding, stemming, compounds, synonyms
`units`      from what a visitor types to words and phrases with the ways to match them; `typos` where nothing does
`text`       these as a query with whole numbers as scores
`criteria`   what a search asks for; `conditions` makes queries of filters, choices in facets and the order
`schema`     the fields of the index and what is written in them
`documents`  from rows of PostgreSQL to documents
`store`      where the index lies, how a process opens it, and when there is none
`writer`     the only place that writes it, under a lock: rebuilt as a whole, updated, swept
`engine`     what pages ask: find, count and order
`similar`    offers like another one
`cells`      distances in an index that knows no geometry
`relevance`  how good it is, measured against what teachers would expect

The order: how well the words match, then whether it can be had, how near it is, and among equals few enquiries and
bookings first (``documents._fairness``), so that every offer gets its turn.

Pages go through ``activities.finding.results.search_activities``; who changes an offer calls
``activities.search_index``. A process that searches holds the index's files in memory maps and asks PostgreSQL once,
for the rows of the page; what is no longer published is left out there, whatever the index still holds.
"""
