"""The words and formatted numbers of each document; the templates in ``typst`` decide only how they look."""
