"""What Firstcall comes with: kinds of call and their scripts, and the articles of its demo.

Written for staff who are not clinical: they ask, look, book and hand over, and never give advice.
Managers change all of it in the browser; `manage.py load_desk` adds what is missing and leaves
alone what is there.
"""
