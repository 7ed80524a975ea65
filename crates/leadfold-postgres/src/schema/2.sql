-- In which version of the lowering the facts were derived. Version 1 knew one way only.
ALTER TABLE leadfold ADD COLUMN lowering integer NOT NULL DEFAULT 1;
