# The parts of the tree that each derivation is built from, so that a change of a document or of
# raw data doesn't rebuild the program.
let
  top = ../..;
  below =
    names: path:
    let
      relative = builtins.substring (builtins.stringLength (toString top) + 1) (-1) (toString path);
      prefix = name: builtins.substring 0 (builtins.stringLength name + 1) (relative + "/") == name + "/";
      above = name: builtins.substring 0 (builtins.stringLength relative + 1) name == relative + "/";
    in
    builtins.any (name: prefix name || above name) names;
  only =
    name: names:
    builtins.path {
      inherit name;
      path = top;
      filter = path: _type: below names path;
    };
  program = [
    ".cargo"
    "Cargo.lock"
    "Cargo.toml"
    "LICENSE"
    "docs/matrix.md"
    "pipeline/agent"
    "pipeline/analysis"
    "pipeline/cli"
    "pipeline/host"
    "pipeline/images"
    "pipeline/logs"
    "pipeline/matrices"
    "pipeline/model"
    "pipeline/package"
    "pipeline/report"
    "pipeline/runner"
    "pipeline/stats"
    "pipeline/synthetic"
    "templates"
  ];
in
{
  inherit top;
  program = only "vnicbench-source" program;
  tests = only "vnicbench-tests-source" (
    program
    ++ [
      "README.md"
      "docs"
      "raw/emulated"
      "reproduce"
      "tests"
    ]
  );
  formatted = only "vnicbench-formatted-source" [
    "Cargo.lock"
    "Cargo.toml"
    "flake.nix"
    "pipeline"
    "tests"
  ];
}
