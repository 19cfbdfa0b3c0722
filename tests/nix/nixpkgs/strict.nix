# Lets through what is listed, and nothing else.
listed:
let
  fail = message: throw "${message}; look it up in nixpkgs and add it to tests/nix/attributes.toml";
  # A function of a set of arguments takes those that are listed.
  guard =
    name: entry: value:
    if entry ? arguments then
      arguments:
      let
        unknown = builtins.filter (argument: !(builtins.elem argument entry.arguments)) (
          builtins.attrNames arguments
        );
      in
      if unknown == [ ] then value arguments else fail "${name} is given ${toString unknown}"
    else if entry ? attributes then
      builtins.mapAttrs (
        attribute: inner:
        if value ? ${attribute} then
          guard "${name}.${attribute}" inner value.${attribute}
        else
          fail "${name} has no ${attribute} in tests/nix/nixpkgs"
      ) entry.attributes
    else
      value;
in
{
  only =
    name: set:
    builtins.mapAttrs (
      attribute: entry:
      if set ? ${attribute} then
        guard "${name}.${attribute}" entry set.${attribute}
      else
        fail "${name} has no ${attribute} in tests/nix/nixpkgs"
    ) listed.${name};
}
