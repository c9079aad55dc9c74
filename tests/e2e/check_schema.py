"""check_schema.py SCHEMA RUN.json: exit 0 when the run document fits.

Exit 77 (skipped) when python3-jsonschema is not installed.
"""

import json
import sys


def main(schema_path, run_path):
    try:
        import jsonschema
    except ImportError:
        print("python3-jsonschema is not installed")
        return 77
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    with open(run_path, encoding="utf-8") as file:
        document = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    errors = list(jsonschema.Draft7Validator(schema).iter_errors(document))
    for error in errors[:20]:
        path = "".join(f"[{key!r}]" for key in error.absolute_path)
        print(f"{run_path}: ${path}: {error.message[:300]}")
    return 1 if errors else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
