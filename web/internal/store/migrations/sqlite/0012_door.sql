-- The name of a private service is alone among those of its owner, and of a shared one
-- among those of the team: the column holds the owner too for what is private.

update services set folded = folded || char(10) || owner where not shared;
