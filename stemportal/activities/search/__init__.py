"""Full-text search: an embedded index (tantivy) that is built from PostgreSQL and never asked for facts.

`words`      from text to terms: folding, stemming, compounds, synonyms
`schema`     the fields of the index and what is written in them
`documents`  from rows of PostgreSQL to documents
`store`      where the index lies, how a process opens it, and when there is none
`writer`     the only place that writes it, under a lock
`engine`     what pages ask: find, count and order
`cells`      distances in an index that knows no geometry

Pages go through ``activities.queries.search_activities``; who changes an offer calls ``activities.search_index``.
"""
