"""Lines as whole numbers."""

from stemportal.lib.line_charts import BASE, LEFT, TOP, WIDTH, line_chart


def test_line_goes_from_edge_to_edge_and_from_base_to_top():
    chart = line_chart([0, 5, 10])
    assert chart.points == f"{LEFT},{BASE} {WIDTH // 2},{(BASE + TOP) // 2} {WIDTH - LEFT},{TOP}"
    assert (chart.last, chart.highest) == ((WIDTH - LEFT, TOP), 10)


def test_nothing_but_zeros_lies_on_the_base():
    assert line_chart([0, 0]).points == f"{LEFT},{BASE} {WIDTH - LEFT},{BASE}"


def test_one_value_is_a_dot_at_the_right_and_none_is_no_line():
    assert line_chart([3]).points == f"{WIDTH - LEFT},{TOP}"
    assert (line_chart([]).points, line_chart([]).last) == ("", None)
