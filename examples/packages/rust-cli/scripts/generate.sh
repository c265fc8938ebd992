#!/bin/sh
# Generates the program that a Turtle file describes into a folder.
set -eu
description=${1:?usage: generate.sh DESCRIPTION.ttl FOLDER}
folder=${2:?usage: generate.sh DESCRIPTION.ttl FOLDER}
here=$(dirname "$0")
ggen graph validate "$description" --shapes "$here/../../io.ggen.shapes.cli/shapes/cli-shapes.ttl"
for template in "$here"/../templates/*.tmpl; do
  ggen template generate "$template" --graph "$description" --output "$folder"
done
